resource "aws_cloudwatch_event_rule" "jobs" {
  name        = "${var.name}-jobs"
  description = "State changes of the jobs of ${var.name}"
  tags        = var.common.tags

  event_pattern = jsonencode({
    source      = ["aws.batch"]
    detail-type = ["Batch Job State Change"]
    # Not the states on the way there, as in the module `app`.
    detail = { jobQueue = [aws_batch_job_queue.this.arn], status = ["RUNNING", "SUCCEEDED", "FAILED"] }
  })
}

resource "aws_cloudwatch_event_target" "jobs" {
  rule      = aws_cloudwatch_event_rule.jobs.name
  target_id = "queue"
  arn       = var.queue_arn

  dead_letter_config {
    arn = var.dead_letter_queue_arn
  }
}

resource "aws_cloudwatch_event_rule" "event_driven" {
  name           = "${var.name}-event-driven"
  description    = "Requests for event-driven runs"
  event_bus_name = var.event_bus.name
  tags           = var.common.tags

  event_pattern = jsonencode({
    source      = ["workflowDispatch"]
    detail-type = ["eventDrivenTest"]
    detail      = { runId = [{ prefix = "runId-" }] }
  })
}

resource "aws_cloudwatch_event_target" "event_driven" {
  rule           = aws_cloudwatch_event_rule.event_driven.name
  event_bus_name = var.event_bus.name
  target_id      = "queue"
  arn            = var.queue_arn

  dead_letter_config {
    arn = var.dead_letter_queue_arn
  }
}
