locals {
  alarm_functions = { http = module.http.name, queue = module.queue.name, schedule = module.schedule.name }
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = contains(var.monitoring.alarms, "dead_letters") ? 1 : 0

  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "Messages failed and are in ${aws_sqs_queue.dead_letters.name}. Read them and the log of ${module.queue.name}, then move them back."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.monitoring.alarm_actions
  ok_actions          = var.monitoring.alarm_actions
  tags                = var.common.tags
}

resource "aws_cloudwatch_metric_alarm" "sweep" {
  count = contains(var.monitoring.alarms, "sweep") ? 1 : 0

  alarm_name          = "${var.name}-sweep"
  alarm_description   = "The sweep does not run, so Berth misses lost events. Check the schedules of ${var.name}."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = module.schedule.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = var.monitoring.alarm_actions
  ok_actions          = var.monitoring.alarm_actions
  tags                = var.common.tags
}

resource "aws_cloudwatch_metric_alarm" "failed_requests" {
  count = contains(var.monitoring.alarms, "failed_requests") ? 1 : 0

  alarm_name          = "${var.name}-failed-requests"
  alarm_description   = "More than 5 percent of the requests to the API failed. Read the log of ${module.http.name}."
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.this.id }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 2
  threshold           = 0.05
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.monitoring.alarm_actions
  ok_actions          = var.monitoring.alarm_actions
  tags                = var.common.tags
}

# One alarm for all functions. CloudWatch charges for each metric.
resource "aws_cloudwatch_metric_alarm" "functions" {
  for_each = {
    for kind, alarm in {
      errors    = { metric = "Errors", text = "Functions of ${var.name} ended with an error. Read their logs." }
      throttles = { metric = "Throttles", text = "Lambda throttled invocations of ${var.name}. Raise http_reserved_concurrency, or the concurrency quota of the account." }
    } : kind => alarm if contains(var.monitoring.alarms, kind)
  }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  evaluation_periods  = 2
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.monitoring.alarm_actions
  ok_actions          = var.monitoring.alarm_actions
  tags                = var.common.tags

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

# Berth logs each task that ECS or Batch refuses. Each of the functions can launch a run.
resource "aws_cloudwatch_log_metric_filter" "launches" {
  for_each = contains(var.monitoring.alarms, "launches") ? {
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
  count = contains(var.monitoring.alarms, "launches") ? 1 : 0

  alarm_name          = "${var.name}-launches"
  alarm_description   = "AWS refuses tasks. The page of the run shows the reason, and docs/troubleshooting.md the solution."
  namespace           = "Berth"
  metric_name         = "${var.name}-failed-launches"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 3
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.monitoring.alarm_actions
  ok_actions          = var.monitoring.alarm_actions
  tags                = var.common.tags
}

# Berth logs each teardown that fails. Each of the functions can note its end.
resource "aws_cloudwatch_log_metric_filter" "dirty_stacks" {
  for_each = contains(var.monitoring.alarms, "dirty_stacks") ? {
    http     = module.http.log_group_name
    queue    = module.queue.log_group_name
    schedule = module.schedule.log_group_name
  } : {}

  name           = "dirty-stacks"
  log_group_name = each.value
  pattern        = "{ $.msg = \"the teardown of a stack failed\" }"

  metric_transformation {
    namespace = "Berth"
    name      = "${var.name}-dirty-stacks"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "dirty_stacks" {
  count = contains(var.monitoring.alarms, "dirty_stacks") ? 1 : 0

  alarm_name          = "${var.name}-dirty-stacks"
  alarm_description   = "A teardown failed: the stack goes to no one. The page of the stack shows the reason, and docs/settings.md what to do."
  namespace           = "Berth"
  metric_name         = "${var.name}-dirty-stacks"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.monitoring.alarm_actions
  ok_actions          = var.monitoring.alarm_actions
  tags                = var.common.tags
}
