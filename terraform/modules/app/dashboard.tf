locals {
  widgets = [
    { title = "Requests", metrics = [
      ["AWS/ApiGateway", "Count", "ApiId", aws_apigatewayv2_api.this.id, { stat = "Sum" }],
      ["AWS/ApiGateway", "4xx", "ApiId", aws_apigatewayv2_api.this.id, { stat = "Sum" }],
      ["AWS/ApiGateway", "5xx", "ApiId", aws_apigatewayv2_api.this.id, { stat = "Sum" }],
    ] },
    { title = "Latency of requests (ms)", metrics = [
      ["AWS/ApiGateway", "Latency", "ApiId", aws_apigatewayv2_api.this.id, { stat = "p50" }],
      ["AWS/ApiGateway", "Latency", "ApiId", aws_apigatewayv2_api.this.id, { stat = "p99" }],
    ] },
    { title = "Errors of the functions", metrics = [
      for name in values(local.alarm_functions) : ["AWS/Lambda", "Errors", "FunctionName", name, { stat = "Sum" }]
    ] },
    { title = "Concurrent functions", metrics = [
      for name in values(local.alarm_functions) : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", name, { stat = "Maximum" }]
    ] },
    { title = "Queue", metrics = [
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.this.name, { stat = "Maximum" }],
      ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.this.name, { stat = "Maximum" }],
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.dead_letters.name, { stat = "Maximum" }],
    ] },
    { title = "Table", metrics = [
      ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", module.storage.table_name, { stat = "Sum" }],
      ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", module.storage.table_name, { stat = "Sum" }],
    ] },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.monitoring.create_dashboard ? 1 : 0

  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [
      for index, widget in local.widgets : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = local.region
          view    = "timeSeries"
          stacked = false
          period  = 300
          metrics = widget.metrics
        }
      }
    ]
  })
}
