# An account has one service-linked role for each AWS service. This module creates the role if the account has none, and
# keeps the role that it created. It never touches a role that something else created.

data "aws_iam_roles" "existing" {
  count = var.create ? 1 : 0

  name_regex  = "(?i)^AWSServiceRoleFor${var.service}$"
  path_prefix = "/aws-service-role/${var.service}.amazonaws.com/"
}

data "aws_iam_role" "existing" {
  count = length(local.names) > 0 ? 1 : 0

  name = local.names[0]
}

locals {
  names = var.create ? sort(data.aws_iam_roles.existing[0].names) : []
  owner = try(data.aws_iam_role.existing[0].tags["berth:installation"], null)
  # The role that this installation created also exists at the next plan: its tag tells whose it is.
  is_own = length(local.names) == 0 || local.owner == var.name
}

resource "aws_iam_service_linked_role" "this" {
  count = var.create && local.is_own ? 1 : 0

  aws_service_name = "${var.service}.amazonaws.com"
  tags             = merge(var.tags, { "berth:installation" = var.name })
}
