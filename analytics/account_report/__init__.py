"""The account page: daily metrics of an account, as charts, tables and JSON."""
