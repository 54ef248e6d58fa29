# Tasks in a closed network cannot reach the HTTP API: only a private REST API is reachable through an execute-api
# endpoint. It has one route, by which a long run renews its upload URLs before the credentials that signed them expire.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html

locals {
  private_api = var.network.has_private_api ? 1 : 0
  stage_name  = "tasks"
  # Both are put together here, because the function reads this URL and the API invokes the function.
  task_url      = one([for id in aws_api_gateway_rest_api.tasks[*].id : "https://${id}.execute-api.${local.region}.${data.aws_partition.current.dns_suffix}/${local.stage_name}"])
  http_function = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${var.name}-http"

  private_api_body = {
    openapi = "3.0.1"
    info    = { title = "${var.name}-tasks", version = "1" }

    # A private API refuses every request without a policy.
    x-amazon-apigateway-policy = {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "ThroughTheEndpoint"
        Effect    = "Allow"
        Principal = "*"
        Action    = "execute-api:Invoke"
        Resource  = "execute-api:/${local.stage_name}/GET/workflow/*/uploads"
        Condition = { StringEquals = { "aws:SourceVpce" = var.network.api_endpoint_id } }
      }]
    }

    paths = {
      "/workflow/{id}/uploads" = {
        # The signature in the query is the credential, as in the HTTP API.
        get = {
          parameters = [{ name = "id", in = "path", required = true, schema = { type = "string" } }]
          responses  = { default = { description = "The answer of the function" } }

          x-amazon-apigateway-integration = {
            type       = "aws_proxy"
            httpMethod = "POST"
            uri        = "arn:${local.partition}:apigateway:${local.region}:lambda:path/2015-03-31/functions/${local.http_function}/invocations"
          }
        }
      }
    }
  }
}

resource "aws_api_gateway_rest_api" "tasks" {
  count = local.private_api

  name        = "${var.name}-tasks"
  description = "Renews the upload URLs of tasks in a closed network"
  body        = jsonencode(local.private_api_body)
  tags        = var.common.tags

  endpoint_configuration {
    types            = ["PRIVATE"]
    vpc_endpoint_ids = [var.network.api_endpoint_id]
  }
}

resource "aws_api_gateway_deployment" "tasks" {
  count = local.private_api

  rest_api_id = aws_api_gateway_rest_api.tasks[0].id

  # A deployment is a copy of the API: a change needs a new one.
  triggers = { body = sha1(jsonencode(local.private_api_body)) }
}

resource "aws_api_gateway_stage" "tasks" {
  count = local.private_api

  rest_api_id   = aws_api_gateway_rest_api.tasks[0].id
  deployment_id = aws_api_gateway_deployment.tasks[0].id
  stage_name    = local.stage_name
  tags          = var.common.tags

  # AWS does not delete a deployment that a stage uses. With create_before_destroy, the network could not be opened again:
  # Terraform would find a cycle.
  lifecycle {
    replace_triggered_by = [aws_api_gateway_deployment.tasks[0].id]
  }
}

resource "aws_lambda_permission" "private_api" {
  count = local.private_api

  statement_id  = "private-api"
  action        = "lambda:InvokeFunction"
  function_name = module.http.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.tasks[0].execution_arn}/${local.stage_name}/GET/workflow/*/uploads"
}
