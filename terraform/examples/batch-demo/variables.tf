variable "region" {
  type        = string
  default     = "eu-west-1"
  description = "Region of the installation."
}

variable "project" {
  type        = string
  default     = "batch-demo"
  description = "Name of the installation, and prefix of all names."
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the image with the tests."
}

variable "job_definition_vcpu" {
  type        = number
  default     = 0.5
  description = "vCPUs of each run."
}

variable "job_definition_memory" {
  type        = number
  default     = 1024
  description = "Memory of each run in MiB."
}

variable "bucket_name" {
  type        = string
  default     = null
  description = "Name of the bucket of the reports. Bucket names are global: set another one if `<project>-reports` is taken. If null, `<project>-reports`."
}

variable "event_driven_run" {
  type = object({
    project  = optional(string, "default")
    repo_url = optional(string, "file:///opt/tests")
    branch   = optional(string, "main")
    command  = optional(string, "sh run.sh")
  })
  default     = {}
  description = "What each run tests. By default, the tests in the image: `app/` of this folder."
}

variable "egress" {
  type        = string
  default     = "endpoints"
  description = "How tests reach the internet: `endpoints` (not at all), `nat` or `public`."
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
  description = "Reference to the credentials of the GitHub App, such as `ssm:/batch-demo/github-app`. If null, Berth runs without GitHub."
}
