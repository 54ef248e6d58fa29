# Tasks accept no inbound traffic. Outbound traffic is limited to what they need.

resource "aws_security_group" "runner" {
  name        = "${var.name}-runner"
  description = "Tasks of ${var.name}: no inbound traffic"
  vpc_id      = local.vpc_id
  tags        = merge(var.common.tags, local.network_tag, { Name = "${var.name}-runner" })
}

resource "aws_vpc_security_group_egress_rule" "runner_to_internet" {
  for_each = local.is_closed ? [] : toset([for port in var.egress_ports : tostring(port)])

  security_group_id = aws_security_group.runner.id
  description       = "Sources and packages"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
  cidr_ipv4         = "0.0.0.0/0"
  tags              = var.common.tags
}

resource "aws_vpc_security_group_egress_rule" "runner_to_endpoints" {
  count = length(local.interface_endpoints) > 0 ? 1 : 0

  security_group_id            = aws_security_group.runner.id
  description                  = "Interface endpoints of AWS services"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints[0].id
  tags                         = var.common.tags
}

data "aws_ec2_managed_prefix_list" "s3" {
  count = local.is_closed ? 1 : 0

  name = "com.amazonaws.${local.region}.s3"
}

resource "aws_vpc_security_group_egress_rule" "runner_to_s3" {
  count = local.is_closed ? 1 : 0

  security_group_id = aws_security_group.runner.id
  description       = "Jobs, results and layers of images"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = data.aws_ec2_managed_prefix_list.s3[0].id
  tags              = var.common.tags
}

resource "aws_security_group" "functions" {
  count = var.functions_in_vpc ? 1 : 0

  name        = "${var.name}-functions"
  description = "Functions of ${var.name}: no inbound traffic"
  vpc_id      = local.vpc_id
  tags        = merge(var.common.tags, { Name = "${var.name}-functions" })
}

# AWS and GitHub. In a closed network, the routes limit this rule to the endpoints.
resource "aws_vpc_security_group_egress_rule" "functions_https" {
  count = var.functions_in_vpc ? 1 : 0

  security_group_id = aws_security_group.functions[0].id
  description       = "AWS services and GitHub"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
  tags              = var.common.tags
}

resource "aws_security_group" "endpoints" {
  count = length(local.interface_endpoints) > 0 ? 1 : 0

  name        = "${var.name}-endpoints"
  description = "Interface endpoints for the tasks and functions of ${var.name}"
  vpc_id      = local.vpc_id
  tags        = merge(var.common.tags, { Name = "${var.name}-endpoints" })
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_runner" {
  count = length(local.interface_endpoints) > 0 ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "Tasks"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.runner.id
  tags                         = var.common.tags
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_functions" {
  count = length(local.interface_endpoints) > 0 && var.functions_in_vpc ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "Functions"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.functions[0].id
  tags                         = var.common.tags
}
