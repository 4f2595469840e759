"""The filter: what a mutant may change without changing behaviour, and is therefore not counted.

- annotations and type aliases: nothing in the pure rooms reads them at run time;
- docstrings, and the bodies of protocols, which hold nothing else;
- the flags `frozen`, `slots` and `kw_only` of a dataclass: mypy watches over them;
- whether an argument goes by its name or its place: mypy again;
- `is` in the place of `==` and the reverse: the rooms compare members of enumerations and None.

Everything else counts, even if a reader sees at once that it makes no difference.
"""

import ast

_FLAGS = {"frozen", "slots", "kw_only"}
_SAME: dict[type[ast.cmpop], ast.cmpop] = {ast.Is: ast.Eq(), ast.IsNot: ast.NotEq()}


def essence(code: str) -> str:
    """Return the part of a module's source that counts: equal texts, equal behaviour.

    Raises SyntaxError if the source is not Python.
    """
    return ast.dump(_Essence().visit(ast.parse(code)))


class _Essence(ast.NodeTransformer):
    def visit_TypeAlias(self, _: ast.TypeAlias) -> ast.Pass:
        return ast.Pass()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Name("_")
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        node.args = [*node.posonlyargs, *node.args, *node.kwonlyargs]
        node.defaults = [each for each in (*node.defaults, *node.kw_defaults) if each]
        node.posonlyargs, node.kwonlyargs, node.kw_defaults = [], [], []
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant):
            return ast.Pass()
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if any(isinstance(kind, ast.Name) and kind.id == "Protocol" for kind in node.bases):
            node.body = [ast.Pass()]
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "dataclass":
                decorator.keywords = [each for each in decorator.keywords if each.arg not in _FLAGS]
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        node.ops = [_SAME.get(type(op), op) for op in node.ops]
        return self.generic_visit(node)
