# A role that Berth assumes for one project, for the time in which a branch holds a stack. The tags of the session say which.

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Deployments of ${var.project_id} through Berth"
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary
  # Berth is a role itself, and AWS ends a session that a role starts after an hour.
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "BerthForThisProject"
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = var.berth_role_arns
    }

    # Without it, every repository of this Berth could use the role.
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.project_id]
    }

    condition {
      test     = "StringLike"
      variable = "aws:RequestTag/berth:branch"
      values   = var.branches
    }
  }
}

resource "aws_iam_role_policy" "this" {
  count = var.policy == null ? 0 : 1

  name   = "deploy"
  role   = aws_iam_role.this.name
  policy = var.policy
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(var.policy_arns)

  role       = aws_iam_role.this.name
  policy_arn = each.value
}
