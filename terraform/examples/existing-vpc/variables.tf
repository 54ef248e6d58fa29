variable "region" {
  type        = string
  default     = "us-east-1"
  description = "Region to install Berth in."
}

variable "project" {
  type        = string
  default     = "berth"
  description = "Name of this installation."
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the runner's image."
}

variable "lambda_zip" {
  type        = string
  default     = null
  description = "Zip with the functions; null for `dist/lambda.zip` of this checkout."
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Set it to false, and apply, before you uninstall."
}

variable "github_app_secret" {
  type        = string
  default     = null
  description = "Reference to the GitHub App's credentials, such as `ssm:/berth/github-app`; null before there is an App."
}

variable "vpc_tags" {
  type        = map(string)
  default     = { Name = "main" }
  description = "Tags by which the VPC is found."
}

variable "subnet_tags" {
  type        = map(string)
  default     = { tier = "private" }
  description = "Tags by which its subnets are found. They need a way out: a NAT gateway, or the endpoints that tasks need."
}
