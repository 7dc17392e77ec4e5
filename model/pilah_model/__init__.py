"""What judges a text: scoring, calibration, decision, explanation, and how a model is made and measured."""
