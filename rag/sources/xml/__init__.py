"""What the readers of XML share: parsing that stays within the file, the words of elements, rows of tables."""
