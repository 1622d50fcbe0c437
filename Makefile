# On a machine without make: python make.py TARGET
PYTHON ?= python3

.PHONY: book test serve pdf epub links look picture lint normalise bench budget portable colab wheels lock clean
book test serve pdf epub links look picture lint normalise bench budget portable colab wheels lock clean:
	@$(PYTHON) make.py $@
