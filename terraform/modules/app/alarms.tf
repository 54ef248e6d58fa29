locals {
  alarm_functions = { http = module.http.name, queue = module.queue.name, schedule = module.schedule.name }
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = contains(var.alarms, "dead_letters") ? 1 : 0

  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "Messages could not be carried out and lie in ${aws_sqs_queue.dead_letters.name}: read them and the log of ${module.queue.name}, then move them back."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "sweep" {
  count = contains(var.alarms, "sweep") ? 1 : 0

  alarm_name          = "${var.name}-sweep"
  alarm_description   = "The sweep does not run: what an event failed to say is not noticed. Look at the schedules of ${var.name}."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = module.schedule.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "failed_requests" {
  count = contains(var.alarms, "failed_requests") ? 1 : 0

  alarm_name          = "${var.name}-failed-requests"
  alarm_description   = "More than one in twenty requests to the API failed: read the log of ${module.http.name}."
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.this.id }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 2
  threshold           = 0.05
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}

# One alarm for all functions, each with a metric: CloudWatch charges for the metrics.
resource "aws_cloudwatch_metric_alarm" "functions" {
  for_each = {
    for kind, what in {
      errors    = { metric = "Errors", text = "Functions of ${var.name} ended with an error: read their logs." }
      throttles = { metric = "Throttles", text = "Lambda turned invocations of ${var.name} away: raise http_reserved_concurrency, or the account's limit." }
    } : kind => what if contains(var.alarms, kind)
  }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  evaluation_periods  = 2
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags

  metric_query {
    id          = "total"
    expression  = "SUM(METRICS())"
    label       = each.value.metric
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.alarm_functions

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/Lambda"
        metric_name = each.value.metric
        dimensions  = { FunctionName = metric_query.value }
        stat        = "Sum"
        period      = 300
      }
    }
  }
}

# Berth says in its log when ECS or Batch takes no task; a run is launched by whichever function comes to it first.
resource "aws_cloudwatch_log_metric_filter" "launches" {
  for_each = contains(var.alarms, "launches") ? {
    http     = module.http.log_group_name
    queue    = module.queue.log_group_name
    schedule = module.schedule.log_group_name
  } : {}

  name           = "failed-launches"
  log_group_name = each.value
  pattern        = "{ $.msg = \"the task could not be launched\" }"

  metric_transformation {
    namespace = "Berth"
    name      = "${var.name}-failed-launches"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "launches" {
  count = contains(var.alarms, "launches") ? 1 : 0

  alarm_name          = "${var.name}-launches"
  alarm_description   = "AWS takes no tasks: the run's page says why, docs/troubleshooting.md what to do."
  namespace           = "Berth"
  metric_name         = "${var.name}-failed-launches"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 3
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
  tags                = var.tags
}
