"""How the encoder learns Indonesian: vocabulary, packed tokens, skip-gram start, masked-language modelling."""
