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
  description = "Zip file with the functions. If null, `dist/lambda.zip` of this checkout."
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Whether Terraform refuses to delete stored data. Set it to false and apply before you uninstall."
}

variable "github_app_secret" {
  type        = string
  default     = null
  description = "Reference to the credentials of the GitHub App, such as `ssm:/berth/github-app`. If null, Berth runs without GitHub."
}

variable "vpc_tags" {
  type        = map(string)
  default     = { Name = "main" }
  description = "Tags of the VPC."
}

variable "subnet_tags" {
  type        = map(string)
  default     = { tier = "private" }
  description = "Tags of the subnets. They need a NAT gateway, or the endpoints that tasks require."
}
