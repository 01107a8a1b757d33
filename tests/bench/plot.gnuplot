# The plot of tests/bench.sh: one line for each command, from the file that `data` names.
set terminal svg noenhanced size 760,420 font "sans-serif,13" background "#ffffff"
set xlabel "round trip to Infisical and GitHub, ms"
set ylabel "one run, median, ms"
set key left top Left reverse
set grid ytics linecolor "#dddddd"
set border 3
set tics nomirror
set yrange [0:*]
stats data using 1 nooutput
# jq leaves an empty block at the end.
plot for [index = 0:STATS_blocks - 2] data index index using 1:2 with linespoints linewidth 2 pointtype 7 title columnheader(1)
