output "url" {
  value       = local.public_url
  description = "Where people reach Berth."
}

output "api_id" {
  value       = aws_apigatewayv2_api.this.id
  description = "The HTTP API."
}

output "domain_target" {
  value       = try(aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name, null)
  description = "What the name's record has to point to, where its zone is elsewhere; null without a name."
}

output "table_name" {
  value       = aws_dynamodb_table.this.name
  description = "The table."
}

output "bucket_name" {
  value       = aws_s3_bucket.this.bucket
  description = "The bucket."
}

output "queue_arn" {
  value       = aws_sqs_queue.this.arn
  description = "The queue by which the functions call one another."
}

output "queue_url" {
  value       = aws_sqs_queue.this.url
  description = "Its address."
}

output "dead_letter_queue_arn" {
  value       = aws_sqs_queue.dead_letters.arn
  description = "Where messages end that cannot be carried out."
}

output "dead_letter_queue_url" {
  value       = aws_sqs_queue.dead_letters.url
  description = "Its address."
}

output "event_bus" {
  value       = { name = var.event_bus_name, arn = data.aws_cloudwatch_event_bus.this.arn }
  description = "The bus that Berth publishes to."
}

output "kms_key_arn" {
  value       = local.kms_key_arn
  description = "Key of all that is stored; null for AWS's own."
}

output "function_names" {
  value       = local.alarm_functions
  description = "The functions, by what they are for."
}

output "function_role_arns" {
  value       = { http = module.http.role_arn, queue = module.queue.role_arn, schedule = module.schedule.role_arn }
  description = "Their roles."
}

output "environment" {
  value       = local.environment
  description = "What the functions are told."
}
