"""Text rules shared by training and serving, with the way back to the original text."""

from pilah_data.normalise.mapped import MappedText
from pilah_data.normalise.rules import NORMALISER_VERSION, RULES, Rule, normalise, normalise_text

__all__ = ["NORMALISER_VERSION", "RULES", "MappedText", "Rule", "normalise", "normalise_text"]
