"""An evaluation as JUnit's XML: a figure is a test, and so is a comparison."""

from typing import Final
from xml.etree import ElementTree as ET

from helpdesk.evaluation import MEASURES

from agent_cli.evaluation import views
from agent_cli.evaluation.views import EvaluationView

SUITE: Final = "helpdesk evaluate"


def written(view: EvaluationView) -> str:
    """Return the XML. It fails for a figure outside its bound, and for one that regressed."""
    root = ET.Element("testsuites")
    report = view.report
    suite = ET.SubElement(root, "testsuite", name=SUITE)
    for name, figure in report.figures.items():
        case = ET.SubElement(suite, "testcase", classname="figures", name=name)
        told = f"{views.value(figure, name)} ({views.counted(figure)}): {MEASURES[name].what}"
        if name in view.missed:
            wanted = views.bound(name, view.bounds)
            ET.SubElement(case, "failure", message=f"{told}; {wanted} is wanted")
        ET.SubElement(case, "system-out").text = told
    for change in view.changes:
        case = ET.SubElement(suite, "testcase", classname="comparison", name=change.name)
        if change.regressed:
            told = (
                f"{change.before:.3f} before, {change.after:.3f} now, by chance {change.chance:.4f}"
            )
            ET.SubElement(case, "failure", message=told).text = ", ".join(change.broken)
    for each in report.results:
        if each.error:
            case = ET.SubElement(suite, "testcase", classname="cases", name=each.id)
            ET.SubElement(case, "error", message=each.error)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)
