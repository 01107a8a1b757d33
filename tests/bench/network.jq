# The results of tests/bench.sh over the network, as a Markdown table: a row for each command and distance.
def round1: . * 10 | round / 10;
def of($command; $distance): map(select(.command == $command and .distance == $distance))[0];

. as $all
| "\n| command | distance | median | fastest | CPU | round trips in time | raxx-mint is faster by |",
  "|---|---:|---:|---:|---:|---:|---:|",
  (.[]
    | . as $row
    | ($all | of($row.command; 0)) as $near
    | ($all | of("raxx-mint, 1"; $row.distance)) as $mint
    | (if .distance == 0 or (.command | endswith("live token")) then "" else (.median - $near.median) / .distance | round1 end) as $trips
    | (if .command | startswith("raxx-mint") then "" else "\(.median / $mint.median | round1) times" end) as $ratio
    | "| \(.command) | \(.distance) ms | \(.median | round1) ms | \(.min | round1) ms | \(.cpu | round1) ms | \($trips) | \($ratio) |")
