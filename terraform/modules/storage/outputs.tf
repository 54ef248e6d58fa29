output "table_name" {
  value       = aws_dynamodb_table.this.name
  description = "Name of the table."
}

output "table_arn" {
  value       = aws_dynamodb_table.this.arn
  description = "ARN of the table."
}

output "bucket_name" {
  value       = aws_s3_bucket.this.bucket
  description = "Name of the bucket."
}

output "bucket_arn" {
  value       = aws_s3_bucket.this.arn
  description = "ARN of the bucket."
}
