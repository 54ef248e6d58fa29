resource "aws_apigatewayv2_domain_name" "this" {
  count = var.api.domain == null ? 0 : 1

  domain_name = var.api.domain.name
  tags        = var.common.tags

  domain_name_configuration {
    certificate_arn = var.api.domain.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = var.api.domain == null ? 0 : 1

  api_id      = aws_apigatewayv2_api.this.id
  domain_name = aws_apigatewayv2_domain_name.this[0].id
  stage       = aws_apigatewayv2_stage.this.id
}

resource "aws_route53_record" "this" {
  count = try(var.api.domain.zone_id, null) == null ? 0 : 1

  zone_id = var.api.domain.zone_id
  name    = var.api.domain.name
  type    = "A"

  alias {
    name                   = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}

# Artifacts open at another host name, so that their scripts cannot use a session of the dashboard.
resource "aws_apigatewayv2_domain_name" "artifacts" {
  count = var.api.artifacts_domain == null ? 0 : 1

  domain_name = var.api.artifacts_domain.name
  tags        = var.common.tags

  domain_name_configuration {
    certificate_arn = var.api.artifacts_domain.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "artifacts" {
  count = var.api.artifacts_domain == null ? 0 : 1

  api_id      = aws_apigatewayv2_api.this.id
  domain_name = aws_apigatewayv2_domain_name.artifacts[0].id
  stage       = aws_apigatewayv2_stage.this.id
}

resource "aws_route53_record" "artifacts" {
  count = try(var.api.artifacts_domain.zone_id, null) == null ? 0 : 1

  zone_id = var.api.artifacts_domain.zone_id
  name    = var.api.artifacts_domain.name
  type    = "A"

  alias {
    name                   = aws_apigatewayv2_domain_name.artifacts[0].domain_name_configuration[0].target_domain_name
    zone_id                = aws_apigatewayv2_domain_name.artifacts[0].domain_name_configuration[0].hosted_zone_id
    evaluate_target_health = false
  }
}
