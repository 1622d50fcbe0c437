"""What privacy and fairness cost: `python benchmarks/privacy`.

One module for each study: `learning`, `showing`, `judging`, `inverting`. `networks` has what
several of them share.
"""
