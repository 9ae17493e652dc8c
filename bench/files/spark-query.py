"""One query by Spark (one thread), from a Parquet file into JSON lines, and what it took as a line of JSON:

  python spark-query.py QUERY EVENTS.parquet ROWS_FOLDER

It is asked twice in one process: `cpuSeconds` is all of the process up to the end of the first, `warmCpuSeconds` what the
second took. Needs pyspark (4.x) and a Java that it likes.
"""

import json
import os
import sys
import time

from pyspark.sql import SparkSession

query, events, output = sys.argv[1:4]
started = time.time()
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "4")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.log.level", "ERROR")
    .getOrCreate()
)
jvm = spark._jvm.java.lang.ProcessHandle.current().pid()


def cpu():
    def of(pid):
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    return of(jvm) + of(os.getpid())


spark.read.parquet(events).createOrReplaceTempView("events")
for view, kind, number, fields in (
    ("persons", "person", 0, "id name dateTime"),
    ("auctions", "auction", 1, "seller dateTime"),
    ("bids", "bid", 2, "auction bidder price dateTime extra"),
):
    columns = ", ".join(f"{kind}.{field}" for field in fields.split())
    spark.sql(
        f"SELECT {columns}, unix_millis(CAST({kind}.dateTime AS TIMESTAMP)) AS t FROM events WHERE event_type = {number}"
    ).createOrReplaceTempView(view)

statements = {
    "q1": "SELECT auction, bidder, 0.908D * price AS price, dateTime, extra FROM bids",
    "q5": """
        WITH counts AS (
          SELECT auction, count(*) AS num, t DIV 2000 * 2000 - back AS starttime
          FROM bids LATERAL VIEW explode(array(0, 2000, 4000, 6000, 8000)) backs AS back GROUP BY auction, starttime),
        most AS (SELECT starttime, max(num) AS num FROM counts GROUP BY starttime)
        SELECT c.auction, c.num, c.starttime FROM counts c JOIN most m ON c.starttime = m.starttime AND c.num = m.num""",
    "q8": """
        SELECT DISTINCT p.id, p.name, p.t DIV 10000 * 10000 AS starttime
        FROM persons p JOIN auctions a ON p.id = a.seller AND p.t DIV 10000 = a.t DIV 10000""",
    "q12e": """
        SELECT bidder, count(*) AS bidCount, t DIV 10000 * 10000 AS starttime, t DIV 10000 * 10000 + 10000 AS endtime
        FROM bids GROUP BY bidder, t DIV 10000""",
}


def run():
    before = cpu()
    spark.sql(statements[query]).write.mode("overwrite").json(output)
    return cpu() - before


run()
whole, wall = cpu(), time.time() - started
warm = run()
peak = next(int(line.split()[1]) for line in open(f"/proc/{jvm}/status") if line.startswith("VmHWM"))
print(json.dumps({"wallSeconds": wall, "cpuSeconds": whole, "warmCpuSeconds": warm, "peakMegabytes": peak / 1024}))
