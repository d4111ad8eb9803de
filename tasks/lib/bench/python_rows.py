"""Reads all rows, as tuples, with Python's own sqlite3, and writes their number."""

import sqlite3
import sys

rows = 0
for _row in sqlite3.connect(sys.argv[1]).execute("SELECT * FROM results"):
    rows += 1
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(str(rows))
