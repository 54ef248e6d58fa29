resource "aws_iam_role_policy" "push" {
  count = length(var.repository_arns) > 0 ? 1 : 0

  name   = "push-images"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.push.json
}

# The calls of scripts/build-image.sh.
data "aws_iam_policy_document" "push" {
  statement {
    sid = "SignInToEcr"
    # ECR does not support resource-level permissions for this action.
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushImages"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:DescribeRepositories",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = var.repository_arns
  }
}

resource "aws_iam_role_policy" "invoke" {
  count = length(var.function_arns) > 0 ? 1 : 0

  name   = "invoke-functions"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.invoke.json
}

data "aws_iam_policy_document" "invoke" {
  statement {
    sid       = "InvokeFunctions"
    actions   = ["lambda:InvokeFunction"]
    resources = var.function_arns
  }
}
