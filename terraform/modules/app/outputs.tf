output "url" {
  value       = local.public_url
  description = "Address of Berth."
}

output "api_id" {
  value       = aws_apigatewayv2_api.this.id
  description = "ID of the HTTP API."
}

output "domain_target" {
  value       = try(aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name, null)
  description = "Target for the DNS record of the custom domain name, if its zone is elsewhere; null without a custom domain name."
}

output "artifacts_domain_target" {
  value       = try(aws_apigatewayv2_domain_name.artifacts[0].domain_name_configuration[0].target_domain_name, null)
  description = "Target for the DNS record of the domain name of artifacts, if its zone is elsewhere; null without one."
}

output "table_name" {
  value       = module.storage.table_name
  description = "Name of the table."
}

output "bucket_name" {
  value       = module.storage.bucket_name
  description = "Name of the bucket."
}

output "queue_arn" {
  value       = aws_sqs_queue.this.arn
  description = "ARN of the queue between the functions."
}

output "queue_url" {
  value       = aws_sqs_queue.this.url
  description = "URL of the queue between the functions."
}

output "dead_letter_queue_arn" {
  value       = aws_sqs_queue.dead_letters.arn
  description = "ARN of the queue for messages that failed."
}

output "dead_letter_queue_url" {
  value       = aws_sqs_queue.dead_letters.url
  description = "URL of the queue for messages that failed."
}

output "event_bus" {
  value       = { name = var.events.bus_name, arn = data.aws_cloudwatch_event_bus.this.arn }
  description = "Event bus that Berth publishes to."
}

output "kms_key_arn" {
  value       = local.kms_key_arn
  description = "KMS key of all stored data; null for AWS managed keys."
}

output "function_names" {
  value       = local.alarm_functions
  description = "Names of the functions by their purpose."
}

output "function_role_arns" {
  value       = { http = module.http.role_arn, queue = module.queue.role_arn, schedule = module.schedule.role_arn }
  description = "Roles of the functions by their purpose."
}

output "environment" {
  value       = local.environment
  description = "Environment variables of the functions."
}
