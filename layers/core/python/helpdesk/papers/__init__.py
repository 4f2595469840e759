"""What a customer's file is by what stands in it, with the reason, and a short extract of it. Pure.

judging     which document it is, and which of its lines are the extract
papers.toml the words that tell documents from one another, in English and German
"""

from helpdesk.papers.judging import LONGEST_EXTRACT, Document, Paper, judged

__all__ = ["LONGEST_EXTRACT", "Document", "Paper", "judged"]
