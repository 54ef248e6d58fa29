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

# Failures that Berth logs. Each of the functions can launch a run, and can note the end of a teardown.
locals {
  logged_failures = {
    for kind, failure in {
      launches = {
        message   = "the task could not be launched"
        metric    = "failed-launches"
        threshold = 3
        text      = "AWS refuses tasks. The page of the run shows the reason, and docs/troubleshooting.md the solution."
      }
      dirty_stacks = {
        message   = "the teardown of a stack failed"
        metric    = "dirty-stacks"
        threshold = 1
        text      = "A teardown failed: no branch gets the stack. The page of the stack shows the reason, and docs/settings.md what to do."
      }
    } : kind => failure if contains(var.monitoring.alarms, kind)
  }
  log_groups = { http = module.http.log_group_name, queue = module.queue.log_group_name, schedule = module.schedule.log_group_name }
}

resource "aws_cloudwatch_log_metric_filter" "logged" {
  for_each = merge([
    for kind, failure in local.logged_failures : {
      for function, log_group in local.log_groups : "${kind}_${function}" => merge(failure, { log_group = log_group })
    }
  ]...)

  name           = each.value.metric
  log_group_name = each.value.log_group
  pattern        = "{ $.msg = \"${each.value.message}\" }"

  metric_transformation {
    namespace = "Berth"
    name      = "${var.name}-${each.value.metric}"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "logged" {
  for_each = local.logged_failures

  alarm_name          = "${var.name}-${replace(each.key, "_", "-")}"
  alarm_description   = each.value.text
  namespace           = "Berth"
  metric_name         = "${var.name}-${each.value.metric}"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.monitoring.alarm_actions
  ok_actions          = var.monitoring.alarm_actions
  tags                = var.common.tags
}

moved {
  from = aws_cloudwatch_metric_alarm.launches[0]
  to   = aws_cloudwatch_metric_alarm.logged["launches"]
}

moved {
  from = aws_cloudwatch_log_metric_filter.launches["http"]
  to   = aws_cloudwatch_log_metric_filter.logged["launches_http"]
}

moved {
  from = aws_cloudwatch_log_metric_filter.launches["queue"]
  to   = aws_cloudwatch_log_metric_filter.logged["launches_queue"]
}

moved {
  from = aws_cloudwatch_log_metric_filter.launches["schedule"]
  to   = aws_cloudwatch_log_metric_filter.logged["launches_schedule"]
}
