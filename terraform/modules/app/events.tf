resource "aws_cloudwatch_event_rule" "tasks" {
  name        = "${var.name}-tasks"
  description = "State changes of the tasks of ${var.name}"
  tags        = var.common.tags

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    # The states on the way there cost a message, an invocation and writes, and change nothing that Berth decides.
    detail = { clusterArn = [var.runner.cluster_arn], lastStatus = ["RUNNING", "STOPPED"] }
  })
}

resource "aws_cloudwatch_event_target" "tasks" {
  rule      = aws_cloudwatch_event_rule.tasks.name
  target_id = "queue"
  arn       = aws_sqs_queue.this.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_cloudwatch_event_rule" "run_requests" {
  name           = "${var.name}-run-requests"
  description    = "Requests for runs"
  event_bus_name = var.events.bus_name
  tags           = var.common.tags

  event_pattern = jsonencode({
    source      = ["berth.trigger"]
    detail-type = ["RunRequested"]
  })
}

resource "aws_cloudwatch_event_target" "run_requests" {
  rule           = aws_cloudwatch_event_rule.run_requests.name
  event_bus_name = var.events.bus_name
  target_id      = "queue"
  arn            = aws_sqs_queue.this.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}
