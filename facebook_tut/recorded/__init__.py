"""What the benchmarks wrote, for chapters to show."""

from facebook_tut.recorded.peers import peers_table
from facebook_tut.recorded.records import experiments, load
