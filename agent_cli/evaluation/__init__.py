"""An evaluation as it is shown: in words, as a page with pictures, as a report for CI.

views     what is printed, and how an earlier one is read
playing   the desk that is judged, made in this process
junit     a report that CI systems read
pictures  bars with intervals, the confusion of decisions, reliability
page      the page
"""
