resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  description   = "The REST API, the dashboard, and GitHub's webhooks of Berth"
  protocol_type = "HTTP"
  # With a custom domain name, the default address is disabled.
  disable_execute_api_endpoint = var.api.domain != null
  tags                         = var.common.tags
}

resource "aws_apigatewayv2_integration" "http" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = module.http.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_apigatewayv2_route" "all" {
  api_id    = aws_apigatewayv2_api.this.id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.http.id}"
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
  tags        = var.common.tags

  default_route_settings {
    throttling_rate_limit  = var.api.throttling.rate
    throttling_burst_limit = var.api.throttling.burst
  }

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.access

    content {
      destination_arn = access_log_settings.value.arn
      format = jsonencode({
        time      = "$context.requestTimeEpoch"
        requestId = "$context.requestId"
        ip        = "$context.identity.sourceIp"
        method    = "$context.httpMethod"
        path      = "$context.path"
        status    = "$context.status"
        bytes     = "$context.responseLength"
        latencyMs = "$context.responseLatency"
        error     = "$context.integrationErrorMessage"
      })
    }
  }
}

resource "aws_cloudwatch_log_group" "access" {
  count = var.api.access_logs ? 1 : 0

  name              = "/aws/vendedlogs/${var.name}-api"
  retention_in_days = var.common.logging_retention_in_days
  kms_key_id        = local.kms_key_arn
  tags              = var.common.tags
}

resource "aws_lambda_permission" "api" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = module.http.name
  principal     = "apigateway.amazonaws.com"
  # The ARN contains the account. A source_account is not sent by API Gateway and would never match.
  source_arn = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}
