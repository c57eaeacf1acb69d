"""Importing Shopify's product CSV.

How a file is taken:

- Rows with the same handle are one product, wherever they stand. The first with a title tells
  about the product; without one they add to a product that the shop has.
- A row is imported whole or refused whole, with its line and the reason. A refused title row
  still tells about the product. A product of which no variant is left is refused, too, and so is
  one that a service or the database does not take.
- A product is found by its handle, a variant by its options, else by its SKU, an image by its
  address. What the files say replaces what the shop has, a blank cell included; what they do not
  say stays: missing columns, and blank cells for type, status, SKU, quantity, image of a variant
  and position of an image. Products, variants and images that the files lack stay.
- A new variant's quantity is received as stock. Afterwards the shop sells, so the level is set
  only when asked for.
- Imported otherwise than written, with a note: a former price that is not above the price is left
  out, a quantity below zero is 0, an image that comes twice is kept once.
- Not taken: gift cards. Columns that are not in ``columns.py`` mean nothing here.

The way of a row: ``reading`` → ``interpreting`` (with ``facts`` and ``cells``) → ``planning``
(with ``matching``, ``claims`` and ``skus``) → ``applying``; ``running`` leads it, ``reporting``
tells of it.
"""
