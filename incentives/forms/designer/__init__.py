"""The designer's form: a plan document as cards of fields, what was typed laid over the document, and steps that change its structure.

The whole document goes up with every post, in a hidden field; typed fields are laid over it by their path. So what a card does not
show stays as it is, and nothing is kept between requests.
"""
