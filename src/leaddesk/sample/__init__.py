"""The sample: Northwind, a made-up company whose leads live from day to day."""
