"""Objects of stores that speak S3."""
