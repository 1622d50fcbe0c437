"""What the benchmarks wrote, for chapters to show."""

from facebook_tut.recorded.peers import peers_table
from facebook_tut.recorded.records import load
from facebook_tut.recorded.tables import table, with_interval
from facebook_tut.recorded.trials import experiments
