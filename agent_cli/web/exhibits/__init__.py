"""What the pages of pictures show: each with a sentence, a table of the numbers, and its list.

exhibit   what each of them has
board     those of the dashboard, from what was counted of days
waiting   those of the tickets that wait now
model     those of the models
"""
