"""Writes all rows as CSV with Python's own sqlite3 and csv."""

import csv
import sqlite3
import sys

rows = sqlite3.connect(sys.argv[1]).execute("SELECT * FROM results")
with open(sys.argv[2], "w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(column[0] for column in rows.description)
    writer.writerows(rows)
