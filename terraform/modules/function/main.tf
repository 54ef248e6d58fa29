# One function with its own role and log group.

# Without this log group, Lambda would create one that keeps its entries forever.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.common.logging_retention_in_days
  kms_key_id        = var.common.kms_key_arn
  tags              = var.common.tags
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn
  handler       = var.handler
  runtime       = var.settings.runtime
  architectures = [var.settings.architecture]
  memory_size   = var.settings.memory_size
  timeout       = var.timeout
  kms_key_arn   = var.settings.encrypt_environment ? var.common.kms_key_arn : null
  tags          = var.common.tags

  filename          = var.settings.package.path
  source_code_hash  = var.settings.package.path == null ? null : filebase64sha256(var.settings.package.path)
  s3_bucket         = var.settings.package.s3_bucket
  s3_key            = var.settings.package.s3_key
  s3_object_version = var.settings.package.s3_object_version

  reserved_concurrent_executions = var.settings.reserved_concurrency

  environment {
    variables = var.environment
  }

  dynamic "tracing_config" {
    for_each = var.settings.tracing_mode == null ? [] : [var.settings.tracing_mode]

    content {
      mode = tracing_config.value
    }
  }

  dynamic "vpc_config" {
    for_each = var.settings.vpc == null ? [] : [var.settings.vpc]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  lifecycle {
    precondition {
      condition     = var.settings.package.path == null ? true : fileexists(var.settings.package.path)
      error_message = "There is no zip file ${coalesce(var.settings.package.path, "of the functions")}. Run `npm ci && npm run build:lambda` in the root of the checkout, or set lambda_zip to lambda.zip of a release."
    }
  }

  # The function needs its permissions and its log group at its first invocation.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.runtime, aws_iam_role_policy.work]
}
