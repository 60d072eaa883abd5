"""What all pages of the administration share: columns, filters, and a guard against numbers of any size."""
