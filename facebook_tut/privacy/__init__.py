"""What a recogniser gives away about people, and what holds it back: attacks next to defences.

One concept a module, each imported by its name: `templates` that can be replaced, and their
`linkability`; `membership` inference; `inversion` of templates into pictures; `deidentification` of
pictures; `accountant` and `dpsgd`, training with differential privacy; `storage`, encrypted.
"""
