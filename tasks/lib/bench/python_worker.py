"""A worker as it is usually written in Python: the benchmark's peer, with the relay's variables."""

import json
import os
import shutil
import sys
import time

import requests

POLL_SECONDS = 5
PIECE_BYTES = 8192
RESULTS_FILE = "query_results.db"


def main():
    input_path = os.environ.get("INPUT_PATH", "/mnt/input")
    output_path = os.environ.get("OUTPUT_PATH", "/mnt/output")
    database = os.path.join(input_path, RESULTS_FILE)
    os.makedirs(output_path, exist_ok=True)
    if os.environ.get("DEV_MODE", "").lower() not in ("1", "true", "yes"):
        os.makedirs(input_path, exist_ok=True)
        download(run_query(), database)
    shutil.copy(database, os.path.join(output_path, RESULTS_FILE))


def run_query():
    engine = os.environ.get("QUERY_ENGINE_URL", "https://query.vana.org")
    headers = {"X-Query-Signature": os.environ["QUERY_SIGNATURE"]}
    body = {
        "query": os.environ["QUERY"],
        "params": json.loads(os.environ.get("QUERY_PARAMS", "[]")),
        "refiner_id": int(os.environ["DATA_REFINER_ID"]),
        "job_id": os.environ["COMPUTE_JOB_ID"],
    }
    submitted = requests.post(f"{engine}/query", json=body, headers=headers, timeout=30)
    submitted.raise_for_status()
    query_id = submitted.json()["query_id"]
    while True:
        answer = requests.get(f"{engine}/query/{query_id}", headers=headers, timeout=30)
        answer.raise_for_status()
        status = answer.json()
        if status["query_status"] == "success":
            return status["query_results"]
        if status["query_status"] == "failed":
            sys.exit("The query failed")
        time.sleep(POLL_SECONDS)


def download(url, path):
    with requests.get(url, stream=True, timeout=30) as response:
        response.raise_for_status()
        with open(path, "wb") as file:
            for piece in response.iter_content(PIECE_BYTES):
                file.write(piece)


if __name__ == "__main__":
    main()
