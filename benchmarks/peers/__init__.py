"""What a user could pick, measured on the same faces: `python benchmarks/peers`.

One module for each measurement: `everybody` (all pairs), `views` (LFW's pairs), `finding` (the same
pairs behind detectors), `conditions` (spoiled photographs), `watch_list`, `counting`, `inverting`
(stolen templates). `systems` has what is compared, `rows` how embeddings are found and compared.
"""
