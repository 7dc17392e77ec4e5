"""How a classifier is made from an encoder and labelled posts: network, targets, augmentation, fine-tuning."""
