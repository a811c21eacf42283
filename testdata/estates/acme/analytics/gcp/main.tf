terraform {
  required_version = "~> 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 5.40"
    }
  }

  backend "gcs" {
    bucket = "acme-analytics-tfstate"
    prefix = "analytics"
  }
}

provider "google" {
  project = var.project
  region  = "europe-west1"
}

variable "project" {
  type    = string
  default = "acme-analytics"
}
