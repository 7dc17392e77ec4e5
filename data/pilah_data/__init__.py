"""What the texts are: taxonomy, records, normalisation, privacy, corpora and splits."""
