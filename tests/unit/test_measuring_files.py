"""What is measured of customers' files is what the real child does."""

from pathlib import Path

from infra.measuring import files_read


def test_files_are_read_by_the_child_and_the_next_one_is_read(tmp_path: Path) -> None:
    made = {"a.txt": b"The lid broke", "b.pdf": b"%PDF-1.4"}
    for warm in (False, True):
        text, broken = files_read._measured(tmp_path, made, times=2, warm=warm)

        assert (text["text"], text["reason"], len(text["seconds"])) == ("The lid broke", None, 2)
        assert (broken["text"], broken["reason"]) == ("", "unreadable")
        assert text["then"]
        assert broken["then"]
        assert text["peak"] > 2**20
